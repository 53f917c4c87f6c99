// The real program, on a free port and with a folder of its own.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export class WebApp {
  /** Starts it and waits until it listens. */
  static async start(program, settings) {
    const app = new WebApp();
    app.folder = mkdtempSync(join(tmpdir(), 'aad-interop-'));
    app.log = [];
    app.process = spawn(program, {
      cwd: app.folder, // no .env of anybody
      env: {
        HOME: app.folder,
        PORT: '0',
        AAD_STATE_DIR: app.folder,
        AAD_SESSION_STORE: 'memory',
        AAD_SESSION_SECRET: randomBytes(64).toString('base64'),
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    app.process.stderr.on('data', (text) => app.log.push(String(text)));
    const lines = createInterface({ input: app.process.stdout });
    app.url = await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        app.log.push(line);
        const [, url] = /\bready url=(http\S+?)\/ /.exec(line) ?? [];
        if (url) resolve(url);
      });
      app.process.on('exit', (code) => reject(new Error(`webapp ended with ${code}:\n${app.log.join('\n')}`)));
      app.process.on('error', reject);
    });
    return app;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGTERM');
      await once(this.process, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
