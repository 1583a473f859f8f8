// The CloudFront function of /media/*. A rendition requires both a link that `web` signed and the media cookie of a signed-in visitor. It runs
// before the cache lookup, so neither is part of the cache key.
import cf from 'cloudfront';
import crypto from 'crypto';

const LINK = /^\/media\/([0-9a-zA-Z-]{1,64}\/[0-9a-zA-Z_-]{1,64}\/[0-9]{1,9})\/([0-9]{1,5}|animated)$/;
const COOKIE = /^([0-9a-zA-Z]{1,16})\.([0-9]{1,12})\.([0-9a-zA-Z_-]{22})$/;
const FORMATS = /^[a-z]{3,5}(\.[a-z]{3,5}){0,3}$/;
const ENDINGS = { avif: '.avif', webp: '.webp', jpeg: '.jpg' };
const NUMBER = /^[0-9]{1,12}$/;
// A cookie is valid for ten minutes; the rest is the permitted clock skew.
const COOKIE_SECONDS = 600 + 5;

async function handler(event) {
    const request = event.request;
    const path = LINK.exec(request.uri);
    // In njs `$` also matches before a line break at the end.
    if (!path || path[0] !== request.uri) return refusal();
    const link = linkOf(request.querystring);
    const cookie = cookieOf(request.cookies);
    if (!link || !cookie) return refusal();

    const now = Math.floor(Date.now() / 1000);
    if (link.expiry <= now || cookie.expiry <= now || cookie.expiry > now + COOKIE_SECONDS) return refusal();

    // CloudFront does not support `await` in a call's arguments.
    const stored = await cf.kvs().get('media-keys');
    const keys = JSON.parse(stored);
    if (!verifies(keys, link, 'link:' + path[1] + ':' + link.expiry + ':' + link.formats.join('.'))) return refusal();
    if (!verifies(keys, cookie, 'cookie:' + cookie.expiry)) return refusal();

    // Animations have one format only. Downloads choose their format with `as`.
    const wanted = request.querystring.as && link.formats.includes(request.querystring.as.value) && ENDINGS[request.querystring.as.value];
    const accepted = endingOf(link.formats, request.headers.accept ? request.headers.accept.value : '');
    const ending = path[2] === 'animated' ? '.webp' : wanted || accepted;
    request.uri = '/media/' + path[1] + '/' + path[2] + ending;
    request.querystring = {};
    // For `format-fallback.js`, where it is deployed. It replaces a header of that name in the visitor's request.
    request.headers['x-shoebox-link'] = { value: queryOf(link) };
    return request;
}

function linkOf(query) {
    if (!query.k || !query.e || !query.s || !query.f) return null;
    if (!NUMBER.test(query.e.value) || !FORMATS.test(query.f.value)) return null;
    return { id: query.k.value, expiry: Number(query.e.value), formats: query.f.value.split('.'), signature: query.s.value };
}

// The link's query. All parts were checked, so none needs escaping.
function queryOf(link) {
    return 'k=' + link.id + '&e=' + link.expiry + '&f=' + link.formats.join('.') + '&s=' + link.signature;
}

// The smallest rendered format that the browser accepts; JPEG otherwise, or if there is no other.
function endingOf(formats, accept) {
    if (formats.includes('avif') && accept.includes('image/avif')) return '.avif';
    const webp = formats.includes('webp') && (accept.includes('image/webp') || !formats.includes('jpeg'));
    return webp ? '.webp' : '.jpg';
}

function cookieOf(cookies) {
    const parts = cookies['__Host-media'] && COOKIE.exec(cookies['__Host-media'].value);
    return parts && { id: parts[1], expiry: Number(parts[2]), signature: parts[3] };
}

function verifies(keys, signed, text) {
    const key = keys.find((candidate) => candidate.id === signed.id);
    if (!key) return false;
    return same(crypto.createHmac('sha256', key.key).update(text).digest('base64url').slice(0, 22), signed.signature);
}

// Constant-time comparison, so that response times do not reveal how much of a signature is correct.
function same(expected, given) {
    if (expected.length !== given.length) return false;
    let difference = 0;
    for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ given.charCodeAt(i);
    return difference === 0;
}

function refusal() {
    return {
        statusCode: 403,
        statusDescription: 'Forbidden',
        headers: { 'cache-control': { value: 'no-store' }, 'content-type': { value: 'text/plain' } },
        body: { encoding: 'text', data: 'Forbidden' },
    };
}
