// Two pages in a real browser call each other through the server: node test.mjs SERVER CALLER_TOKEN CALLER_ID CALLEE_TOKEN CALLEE_ID PAGES_PORT [relay]
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Browser } from './browser.mjs';

const [server, aliceToken, alice, bobToken, bob, port, mode] = process.argv.slice(2);
const relay = mode === 'relay';
const html = readFileSync(new URL('page.html', import.meta.url));

// Pages have an origin of their own, as web clients do, which server.cors_origins names.
const pages = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
await new Promise(done => pages.listen(Number(port), '127.0.0.1', done));

const browser = await Browser.start();
try {
  const call = randomUUID();
  const open = settings => browser.open(`http://127.0.0.1:${port}/#${encodeURIComponent(JSON.stringify({ server, call, relay, ...settings }))}`);
  const callee = await open({ name: 'bob', token: bobToken, to: alice });
  await callee.until('the callee to be live', 'window.isLive');
  const caller = await open({ name: 'alice', token: aliceToken, to: bob, calls: true });
  await caller.until('the caller to have heard the callee', 'window.hangUp && true || window.outcome');
  await callee.until('the callee to have heard the caller', 'window.isHeard || window.outcome');
  await caller.until('the end of the call', 'window.hangUp && (window.hangUp(), true) || window.outcome');
  const [ofAlice, ofBob] = [await caller.until('the caller to end', 'window.outcome'), await callee.until('the callee to end', 'window.outcome')];

  assert.equal(ofAlice.error ?? ofBob.error, undefined, JSON.stringify([ofAlice, ofBob]));
  assert.equal(ofAlice.message, 'hello from bob');
  assert.equal(ofBob.message, 'hello from alice');
  assert.ok(ofAlice.packets > 5 && ofBob.packets > 5);
  for (const outcome of [ofAlice, ofBob]) {
    if (relay) assert.equal(outcome.route, 'relay relay');
    else assert.doesNotMatch(outcome.route, /relay|none/);
  }
  assert.deepEqual(ofAlice.notes.filter(note => note.startsWith('Call')), ['CallRinging', 'CallAnswer']);
  assert.deepEqual(ofBob.notes.filter(note => note.startsWith('Call')), ['CallOffer', 'CallHangup']);
  assert.ok(ofAlice.notes.includes('IceCandidate') && ofBob.notes.includes('IceCandidate'));
  console.log(`They talked over ${ofAlice.route}.`);
} finally {
  await browser.close();
  pages.close();
}
