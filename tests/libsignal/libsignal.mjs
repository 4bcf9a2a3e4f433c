// The package finds its native library by import.meta.dirname, which Debian 12's Node 18 lacks; what it gets instead ("undefined/../") is the
// working directory.
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('node_modules/@signalapp/libsignal-client', import.meta.url)));
export const signal = await import('@signalapp/libsignal-client');
