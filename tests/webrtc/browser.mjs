// Chromium over its DevTools protocol, which needs no package: Node has WebSockets since 22, and Debian's Node 18 has none, so that a pipe is used instead.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Browser {
  static async start() {
    const profile = mkdtempSync(join(tmpdir(), 'mimu-chromium-'));
    const chromium = spawn('chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--remote-debugging-pipe',
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
      // Else addresses of this machine are hidden behind names that only multicast DNS resolves.
      '--disable-features=WebRtcHideLocalIpsWithMdns', '--allow-loopback-in-peer-connection', `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
    return new Browser(chromium, profile);
  }

  #waiting = new Map();
  #last = 0;
  #chromium;
  #profile;
  #errors = '';

  constructor(chromium, profile) {
    [this.#chromium, this.#profile] = [chromium, profile];
    let rest = Buffer.alloc(0);
    chromium.stderr.on('data', data => { this.#errors = (this.#errors + data).slice(-10_000); });
    chromium.stdio[4].on('data', data => {
      rest = Buffer.concat([rest, data]);
      for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) this.#take(JSON.parse(rest.subarray(0, end)));
    });
    chromium.on('error', error => this.#end(error));
    chromium.on('exit', code => this.#end(new Error(`chromium ended with ${code}: ${this.#errors}`)));
  }

  async open(url) {
    const { targetId } = await this.send('Target.createTarget', { url });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return {
      /** What an expression comes to, once it is something. */
      until: async (what, expression) => {
        const limit = Date.now() + 30_000;
        for (;;) {
          const { result } = await this.send('Runtime.evaluate', { expression, returnByValue: true }, sessionId);
          if (result.value) return result.value;
          if (Date.now() > limit) {
            const state = await this.send('Runtime.evaluate', { expression: 'JSON.stringify([notes, window.outcome])', returnByValue: true }, sessionId);
            throw new Error(`Waited 30 s for ${what}: ${state.result.value}`);
          }
        }
      },
    };
  }

  send(method, params = {}, sessionId) {
    const id = ++this.#last;
    this.#chromium.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close() {
    const ended = new Promise(done => this.#chromium.once('exit', done));
    this.#chromium.kill('SIGKILL');
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #take({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  #end(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
