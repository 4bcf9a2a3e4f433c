// The official SDK of AWS on Mimu's file store: its signer makes the same signatures, its URLs are good, and it understands the answers.
// node aws.mjs http://127.0.0.1:8080 TOKEN path/to/media-keys
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Hash } from '@smithy/hash-node';
import { HttpRequest } from '@smithy/protocol-http';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';

const [server, token, keyFile] = process.argv.slice(2);
const region = 'us-east-1';
const [accessKeyId, secretAccessKey] = readFileSync(keyFile, 'ascii').trimEnd().split('\n').at(-1).split(' '); // the last line signs
const credentials = { accessKeyId, secretAccessKey };
const content = randomBytes(10_000);
const sha256 = createHash('sha256').update(content).digest('base64');

await step('the official signer signs uploads as the server does', async () => {
  for (const body of [{ size: 1 }, { size: content.length, content_type: 'text/plain; charset="utf-8"', sha256 }]) {
    const upload = await call('POST', '/api/v1/media/upload', body);
    const headers = Object.fromEntries(Object.entries(upload.headers).map(([name, value]) => [name.toLowerCase(), value]));
    assert.deepEqual(await signedAgain('PUT', upload.upload_url, headers), parameters(upload.upload_url));
  }
});

await step('the official signer signs downloads as the server does', async () => {
  const { download_url } = await call('GET', `/api/v1/media/${await stored()}`);
  assert.deepEqual(await signedAgain('GET', download_url, {}), parameters(download_url));
});

await step('URLs that the SDK presigns are good', async () => {
  const { client, Bucket, Key, upload } = await asked();
  const put = new PutObjectCommand({ Bucket, Key, ContentLength: content.length, ContentType: upload.headers['Content-Type'], ChecksumSHA256: sha256 });
  const putUrl = await getSignedUrl(client, put, {
    signableHeaders: new Set(['host', 'content-length', 'content-type']),
    unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
  });
  assert.match(putUrl, /X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bx-amz-checksum-sha256&/);
  const { 'Content-Length': _, ...headers } = upload.headers;
  await expect(200, putUrl, { method: 'PUT', headers, body: content });
  const got = await expect(200, await getSignedUrl(client, new GetObjectCommand({ Bucket, Key })));
  assert.deepEqual(Buffer.from(await got.arrayBuffer()), content);
  const head = await expect(200, await getSignedUrl(client, new HeadObjectCommand({ Bucket, Key })), { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), String(content.length));
  await expect(403, (await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }))).replace(/.$/, last => last === '0' ? '1' : '0'));
});

await step('the SDK follows the server\'s URLs in the place of its own, and reads what comes', async () => {
  const { client, Bucket, Key, upload } = await asked();
  const stored = await follow(upload.upload_url, upload.headers).send(
    new PutObjectCommand({ Bucket, Key, Body: content, ContentLength: content.length, ContentType: upload.headers['Content-Type'], ChecksumSHA256: sha256 }));
  assert.equal(stored.ChecksumSHA256, sha256);
  const { download_url } = await call('GET', `/api/v1/media/${Key}`);
  const got = await follow(download_url).send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  assert.deepEqual(Buffer.from(await got.Body.transformToByteArray()), content); // the SDK compares the checksum that the server sent
  assert.equal(got.ChecksumSHA256, sha256);
  assert.equal(got.ETag, stored.ETag);
  const part = await follow(download_url).send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=100-199' }));
  assert.deepEqual(Buffer.from(await part.Body.transformToByteArray()), content.subarray(100, 200));
  assert.equal(part.ContentRange, `bytes 100-199/${content.length}`);
  const head = await follow(download_url).send(new HeadObjectCommand({ Bucket, Key }));
  assert.equal(head.ContentLength, content.length);
  assert.equal(head.ContentType, 'application/octet-stream');
});

await step('the SDK knows the errors by their names', async () => {
  const { client, Bucket, Key, upload } = await asked();
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key })), { name: 'AccessDenied' }); // signed in a header
  const put = () => new PutObjectCommand({ Bucket, Key, Body: content, ContentType: upload.headers['Content-Type'], ChecksumSHA256: sha256 });
  await assert.rejects(follow(upload.upload_url, { ...upload.headers, 'Content-Type': 'text/html' }).send(put()), { name: 'SignatureDoesNotMatch' });
  await follow(upload.upload_url, upload.headers).send(put());
  await assert.rejects(follow(upload.upload_url, upload.headers).send(put()), { name: 'PreconditionFailed' });
  const { download_url } = await call('GET', `/api/v1/media/${Key}`);
  await assert.rejects(follow(download_url).send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=10000-' })), { name: 'InvalidRange' });
  await call('DELETE', `/api/v1/media/${Key}`);
  await assert.rejects(follow(download_url).send(new GetObjectCommand({ Bucket, Key })), { name: 'NoSuchKey' });
});

/** The query that the official signer makes for the same request, with the key, the moment and the lifetime of this URL. */
async function signedAgain(method, text, headers) {
  const url = new URL(text);
  const [, year, month, day, hour, minute, second] = url.searchParams.get('X-Amz-Date').match(/^(....)(..)(..)T(..)(..)(..)Z$/);
  const signer = new SignatureV4({ credentials, region, service: 's3', sha256: Hash.bind(null, 'sha256'), uriEscapePath: false, applyChecksum: false });
  const signed = await signer.presign(
    new HttpRequest({ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, headers: { host: url.host, ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    {
      signingDate: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
      expiresIn: Number(url.searchParams.get('X-Amz-Expires')),
      // The signer takes from it that no body is signed. It need not be sent, and the server does not ask for it.
      unsignableHeaders: new Set(['x-amz-content-sha256']),
      unhoistableHeaders: new Set(['x-amz-content-sha256', 'x-amz-checksum-sha256']),
    });
  return signed.query;
}

function parameters(url) {
  return Object.fromEntries(new URL(url).searchParams);
}

/** An upload that was asked for, and a client that has the server's own keys. */
async function asked() {
  const upload = await call('POST', '/api/v1/media/upload', { size: content.length, sha256 });
  const [, Bucket, Key] = new URL(upload.upload_url).pathname.split('/');
  return { client: newClient(), Bucket, Key, upload };
}

async function stored() {
  const { upload, Key } = await asked();
  const { 'Content-Length': _, ...headers } = upload.headers;
  await expect(200, upload.upload_url, { method: upload.method, headers, body: content });
  return Key;
}

function newClient() {
  return new S3Client({ endpoint: server, region, credentials, forcePathStyle: true, maxAttempts: 1 });
}

/** A client whose next request goes to a presigned URL, with its headers and without a signature of its own. */
function follow(presigned, headers = {}) {
  const url = new URL(presigned);
  const client = newClient();
  client.middlewareStack.add(next => args => {
    args.request.path = url.pathname;
    args.request.query = parameters(presigned);
    const kept = Object.entries(args.request.headers).filter(([name]) => !/^(authorization|x-amz-.*|amz-sdk-.*)$/i.test(name) && !Object.keys(headers).some(own => own.toLowerCase() === name.toLowerCase()));
    args.request.headers = { ...Object.fromEntries(kept), ...headers };
    return next(args);
  }, { step: 'finalizeRequest', priority: 'low', name: 'followPresigned' });
  return client;
}

async function expect(status, url, options) {
  const answer = await fetch(url, options);
  assert.equal(answer.status, status, `${options?.method ?? 'GET'} ${url}: ${answer.status}${answer.status === status ? '' : ` ${await answer.text()}`}`);
  return answer;
}

async function call(method, path, body) {
  const answer = await fetch(new URL(path, server), {
    method, headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }, body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

async function step(name, run) {
  try {
    await run();
  } catch (error) {
    throw new Error(`It is not true that ${name}`, { cause: error });
  }
}
