// The Lambda@Edge function of /media/*, at origin-response. A rendition that does not exist (yet) is answered with a redirect to the same link
// in the next best format, cached for a minute. It needs no permissions: it neither reads the bucket nor logs.
'use strict';

const MISSING = /^\/media\/[0-9a-zA-Z/_-]+\/([0-9]{1,5})\.(avif|webp)$/;
// What to offer in place of each format, best first. JPEG has no substitute.
const NEXT = { avif: ['webp', 'jpeg'], webp: ['jpeg'] };
// What `media.js` puts into the header: the link's query, without `as`.
const LINK = /^k=[0-9a-zA-Z]{1,16}&e=[0-9]{1,12}&f=([a-z.]{1,23})&s=[0-9a-zA-Z_-]{22}$/;
const A_DAY = 'public, max-age=86400, immutable';
const A_MINUTE = 'public, max-age=60';

exports.handler = async (event) => {
    const { request, response } = event.Records[0].cf;
    const status = Number(response.status);
    // The cache policy's MinTTL is 0 with this function, and renditions are stored as `private`: without this they would not be cached.
    if (status === 200 || status === 206) return withCaching(response, A_DAY);
    // S3 responds 403 for a missing object, because CloudFront may not list the bucket.
    if (status !== 403 && status !== 404) return response;
    const address = substitute(request);
    return address ? redirect(response, address) : response;
};

// The address of the next best format, relative to the rendition's: only the browser knows the address without the format.
function substitute(request) {
    const missing = MISSING.exec(request.uri);
    const header = request.headers['x-shoebox-link'];
    const link = header && LINK.exec(header[0].value);
    if (!missing || !link) return null;
    const rendered = link[1].split('.');
    const format = NEXT[missing[2]].find((format) => rendered.includes(format));
    return format ? `${missing[1]}?${link[0]}&as=${format}` : null;
}

function withCaching(response, value) {
    response.headers['cache-control'] = [{ key: 'Cache-Control', value }];
    return response;
}

function redirect(response, address) {
    response.status = '302';
    response.statusDescription = 'Found';
    response.body = '';
    response.headers['location'] = [{ key: 'Location', value: address }];
    // They describe the error that S3 sent.
    delete response.headers['content-type'];
    delete response.headers['etag'];
    return withCaching(response, A_MINUTE);
}
