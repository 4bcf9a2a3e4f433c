// A connection to Mimu: calls, the event stream, and a WebSocket. Node 18 has no WebSocket, and what is read here needs none.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';

const url = process.argv[2];
const PATIENCE = 30_000;

export class Connection {
  token = null;
  #cursor = null;

  /** The body of the answer, which must have the status that is expected. */
  async call(method, path, body, expected = 200) {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { ...this.#authorization(), ...(body && { 'Content-Type': 'application/json' }) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    assert.equal(response.status, expected, `${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** A refusal: its code must be the one that is expected. */
  async refused(method, path, body, status, code) {
    const problem = await this.call(method, path, body, status);
    assert.equal(problem.code, code);
    return problem;
  }

  /** Takes the end of the stream, from which `events` goes on. */
  async follow() {
    this.#cursor = (await this.call('GET', '/api/v1/sync')).cursor;
  }

  /** The data of the new events of one type. What was acknowledged is in the stream, so nothing is waited for. */
  async events(type) {
    const found = [];
    let page;
    do {
      page = await this.call('GET', `/api/v1/sync?since=${encodeURIComponent(this.#cursor)}`);
      found.push(...page.events);
      this.#cursor = page.cursor;
    } while (page.has_more);
    return found.filter(event => event.type === type).map(event => event.data);
  }

  /** Opens a WebSocket and says Hello; the frames that come are read one by one with `next`. */
  async openSocket() {
    const [socket, head] = await new Promise((resolve, reject) => {
      const request = http.get(new URL('/ws', url), {
        headers: {
          ...this.#authorization(),
          Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        },
      });
      request.on('upgrade', (_, socket, head) => resolve([socket, head]));
      request.on('response', response => reject(new Error(`GET /ws: ${response.statusCode}`)));
      request.on('error', reject);
    });
    const frames = new Frames(socket, head);
    assert.equal((await frames.next()).type, 'Hello');
    return frames;
  }

  #authorization() {
    return this.token ? { Authorization: `Bearer ${this.token}` } : {};
  }
}

/** The text frames of a server: unmasked, unfragmented (RFC 6455 section 5.2). */
class Frames {
  #socket;
  #chunks;
  #read;

  constructor(socket, head) {
    this.#socket = socket;
    this.#read = head;
    this.#chunks = socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no frame within ${PATIENCE} ms`)))[Symbol.asyncIterator]();
  }

  async next() {
    const [opcode, length] = await this.#take(2);
    assert.equal(opcode, 0x81, 'a whole text frame');
    const size = length === 127 ? Number((await this.#take(8)).readBigUInt64BE()) : length === 126 ? (await this.#take(2)).readUInt16BE() : length;
    return JSON.parse(await this.#take(size));
  }

  close() {
    this.#socket.destroy();
  }

  async #take(size) {
    while (this.#read.length < size) {
      const { value, done } = await this.#chunks.next();
      assert.ok(!done, 'the server closed the socket');
      this.#read = Buffer.concat([this.#read, value]);
    }
    const taken = this.#read.subarray(0, size);
    this.#read = this.#read.subarray(size);
    return taken;
  }
}
