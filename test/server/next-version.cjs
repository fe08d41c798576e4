/**
 * Loaded before the server (node --require): makes of it a program of the next version, which speaks a newer protocol
 * besides, and knows the next version of the group.
 */
const { join } = require('node:path');

const built = (path) => require(join(__dirname, '..', '..', path));
built('libs/vr-core/dist/index.js').GROUP_VERSIONS.highest += 1;
built('apps/server/dist/peers/versions.js').PEER_PROTOCOL.highest += 1;
