/**
 * Loaded before the server (node --import): makes of it a program of the next version, which speaks a newer protocol besides,
 * and knows the next version of the group.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('../../libs/vr-core/dist/index.js').GROUP_VERSIONS.highest += 1;
require('../../apps/server/dist/peers/versions.js').PEER_PROTOCOL.highest += 1;
