// The Lambda@Edge function, with events of the shape that CloudFront sends at origin-response: `node --test infra/edge/`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const source = readFileSync(new URL('format-fallback.js', import.meta.url), 'utf8');
// CloudFormation stores the code as index.js, a CommonJS module.
const exported = {};
new Function('exports', source)(exported);

const QUERY = 'k=2&e=1796099061&f=webp.jpeg.avif&s=B79CSHRHBwINb8Q-rzRFkK';
const header = (key, value) => [{ key, value }];

/** An origin-response event of the media bucket: S3's refusal of a missing object, unless given. */
function event({ uri = '/media/0192a-photo/rAnd_om-1/3/640.avif', status = '403', link = QUERY, headers = {} } = {}) {
    const domainName = 'shoebox-stage-state-media-1a2b3c.s3.eu-west-1.amazonaws.com';
    return {
        Records: [
            {
                cf: {
                    config: {
                        distributionDomainName: 'd111111abcdef8.cloudfront.net',
                        distributionId: 'EDFDVBD6EXAMPLE',
                        eventType: 'origin-response',
                        requestId: '4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==',
                    },
                    request: {
                        clientIp: '192.0.2.1',
                        headers: {
                            host: header('Host', domainName),
                            via: header('Via', '2.0 example.cloudfront.net (CloudFront)'),
                            ...(link === null ? {} : { 'x-shoebox-link': header('x-shoebox-link', link) }),
                        },
                        method: 'GET',
                        origin: { s3: { authMethod: 'none', customHeaders: {}, domainName, path: '' } },
                        querystring: '',
                        uri,
                    },
                    response: {
                        headers: {
                            'content-type': header('Content-Type', 'application/xml'),
                            'transfer-encoding': header('Transfer-Encoding', 'chunked'),
                            'x-amz-request-id': header('x-amz-request-id', 'EXAMPLE'),
                            server: header('Server', 'AmazonS3'),
                            ...headers,
                        },
                        status,
                        statusDescription: 'Forbidden',
                    },
                },
            },
        ],
    };
}

const respond = (options) => exported.handler(event(options));

async function redirects(options, location) {
    const response = await respond(options);
    assert.equal(response.status, '302');
    assert.deepEqual(response.headers.location, header('Location', location));
    assert.deepEqual(response.headers['cache-control'], header('Cache-Control', 'public, max-age=60'));
    assert.equal(response.headers['content-type'], undefined);
    assert.deepEqual(response.headers['transfer-encoding'], header('Transfer-Encoding', 'chunked'), 'Lambda@Edge may not change it');
}

async function passes(options) {
    const unchanged = event(options).Records[0].cf.response;
    assert.deepEqual(await respond(options), unchanged);
}

test('a missing AVIF is answered with WebP, for a minute', async () => {
    await redirects({}, `640?${QUERY}&as=webp`);
    await redirects({ status: '404' }, `640?${QUERY}&as=webp`);
});

test('the next best format is the first that was rendered', async () => {
    const jpeg = QUERY.replace('webp.jpeg.avif', 'jpeg.avif');
    await redirects({ link: jpeg }, `640?${jpeg}&as=jpeg`);
    await redirects({ uri: '/media/p/r/1/2048.webp' }, `2048?${QUERY}&as=jpeg`);
});

test('redirects end: JPEG, animations and the only format have no substitute', async () => {
    await passes({ uri: '/media/p/r/1/640.jpg' });
    await passes({ uri: '/media/p/r/1/animated.webp' });
    await passes({ link: QUERY.replace('webp.jpeg.avif', 'avif') });
});

test('the redirect stays within the rendition and its link', async () => {
    const base = new URL('https://photos.example/media/p/r/1/640?k=old');
    const response = await respond({ uri: '/media/p/r/1/640.avif' });
    const address = new URL(response.headers.location[0].value, base);
    assert.equal(address.href, `https://photos.example/media/p/r/1/640?${QUERY}&as=webp`);
});

test('without the link\'s query, or with another text in its place, the error is unchanged', async () => {
    for (const link of [null, '', 'https://elsewhere.example', `${QUERY}&as=webp`, `${QUERY}\r\nSet-Cookie: a=b`, `x${QUERY}`, QUERY.replace('k=2', 'k=//')]) {
        await passes({ link });
    }
});

test('other errors of the origin are unchanged', async () => {
    for (const status of ['304', '400', '416', '500', '503']) await passes({ status });
});

test('a rendition is cached for a day, although it is stored as private', async () => {
    for (const status of ['200', '206']) {
        const stored = { 'cache-control': header('Cache-Control', 'private, max-age=86400, immutable'), 'content-type': header('Content-Type', 'image/avif') };
        const response = await respond({ status, headers: stored });
        assert.equal(response.status, status);
        assert.deepEqual(response.headers['cache-control'], header('Cache-Control', 'public, max-age=86400, immutable'));
        assert.deepEqual(response.headers['content-type'], stored['content-type']);
    }
});

test('the function is within CloudFormation\'s limit for inline code, and loads nothing', () => {
    assert.ok(Buffer.byteLength(source) <= 4096);
    assert.doesNotMatch(source, /\brequire\(|\bimport\b|process\.env/);
});
