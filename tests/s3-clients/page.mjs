// Two people exchange files by the code of docs/clients.md, which the caller has taken out of the page.
// node page.mjs files.mjs http://127.0.0.1:8080 ALICES_TOKEN BOBS_TOKEN
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [path, server, alice, bob] = process.argv.slice(2);
const { open, receive, seal, send } = await import(pathToFileURL(path));
const network = globalThis.fetch;

await step('files arrive byte for byte', async () => {
  for (const size of [0, 1, 1023, 1024, 100_000]) {
    const content = new Uint8Array(randomBytes(size));
    const attachment = await overTheWire(await send(server, alice, content, 'cat.jpg', 'image/jpeg'));
    assert.deepEqual(Buffer.from(await receive(server, bob, attachment)), Buffer.from(content), `${size} bytes`);
    assert.equal(attachment.name, 'cat.jpg');
    assert.equal(attachment.content_type, 'image/jpeg');
  }
});

await step('files that look like padding arrive, too', async () => {
  for (const content of [[0x80], [0x80, 0, 0], [0, 0, 0]]) {
    const attachment = await send(server, alice, Uint8Array.from(content), 'odd', 'application/octet-stream');
    assert.deepEqual([...await receive(server, bob, attachment)], content);
  }
});

await step('a box is no more than an eighth larger than its content, or 1 KiB', async () => {
  for (const size of [0, 1023, 1024, 20_000, 65_536, 100_000, 1_000_000, 1_048_576]) {
    const { box } = await seal(new Uint8Array(size));
    assert.ok(box.length >= 1024 + 16 && box.length <= Math.max(size * 9 / 8, size + 1024) + 16 + 1, `${size} bytes became ${box.length}`);
  }
});

await step('what was changed between the server and the recipient is refused', async () => {
  const attachment = await send(server, alice, new Uint8Array(randomBytes(5000)), 'a', 'text/plain');
  globalThis.fetch = async (url, options) => {
    const answer = await network(url, options);
    return String(url).includes('X-Amz-') ? new Response(changed(new Uint8Array(await answer.arrayBuffer()))) : answer;
  };
  await assert.rejects(receive(server, bob, attachment), /not the file that was sent/);
  globalThis.fetch = network;
  await receive(server, bob, attachment);
});

await step('what was changed and given a new checksum is refused by the cipher', async () => {
  const { box, secret } = await seal(new Uint8Array(100));
  const other = changed(box);
  const sha256 = createHash('sha256').update(other).digest('base64');
  await assert.rejects(open(other, { ...secret, sha256 }), { name: 'OperationError' });
});

await step('what was changed between the sender and the server is refused by the server', async () => {
  globalThis.fetch = (url, options) => network(url, options.method === 'PUT' ? { ...options, body: changed(options.body) } : options);
  await assert.rejects(send(server, alice, new Uint8Array(100), 'a', 'text/plain'), /The upload failed: 400 .*BadDigest/s);
  globalThis.fetch = network;
});

await step('an upload that is repeated because its answer was lost is a success', async () => {
  const puts = [];
  globalThis.fetch = async (url, options) => {
    if (options.method === 'PUT') puts.push((await network(url, options)).status);
    const answer = await network(url, options);
    if (options.method === 'PUT') puts.push(answer.status);
    return answer;
  };
  const attachment = await send(server, alice, Uint8Array.from([1, 2, 3]), 'a', 'text/plain');
  globalThis.fetch = network;
  assert.deepEqual(puts, [200, 412]);
  assert.deepEqual([...await receive(server, bob, attachment)], [1, 2, 3]);
});

await step('a file that is nobody\'s is told as the API tells errors', async () => {
  await assert.rejects(receive(server, bob, { file_key: 'a'.repeat(32) }), /^Error: not_found: /);
});

await step('a sender can\'t have the recipient call anything but files', async () => {
  const asked = [];
  globalThis.fetch = (url, options) => {
    asked.push(new URL(url).pathname);
    return network(url, options);
  };
  await assert.rejects(receive(server, bob, { file_key: '../../../users/me?' }), /^Error: not_found: /);
  globalThis.fetch = network;
  assert.deepEqual(asked, ['/api/v1/media/..%2F..%2F..%2Fusers%2Fme%3F']);
});

/** As the attachment is after it was in a message. */
function overTheWire(attachment) {
  return JSON.parse(JSON.stringify({ attachment })).attachment;
}

function changed(bytes) {
  const copy = Uint8Array.from(bytes);
  copy[copy.length >> 1] ^= 1;
  return copy;
}

async function step(name, run) {
  try {
    await run();
  } catch (error) {
    throw new Error(`It is not true that ${name}`, { cause: error });
  }
}
