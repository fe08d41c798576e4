import type { PeerFigures } from '../../peers/peer-channel';
import { WordCounts } from './label-counts';
import type { Meters } from './meters';
import type { Sample } from './sample';

const COUNTED = [
  ['framesSent', 'frames_sent', 'Frames sent to peers'],
  ['framesReceived', 'frames_received', 'Frames received from peers'],
  ['bytesSent', 'bytes_sent', 'Bytes sent to peers'],
  ['bytesReceived', 'bytes_received', 'Bytes received from peers'],
  ['framesDropped', 'frames_dropped', 'Not sent: the peer was away, or did not read'],
  ['handshakesRefused', 'handshakes_refused', 'Handshakes refused, by either end'],
  ['malformed', 'malformed', 'Frames with a wrong checksum, and messages that cannot be read'],
  ['misattributed', 'misattributed', 'Messages that named another sender than the handshake'],
] as const;

/** What travels between replicas. */
export class PeerMetrics {
  readonly sent = new WordCounts('message');
  readonly received = new WordCounts('message');

  constructor(meters: Meters) {
    meters.counters('lockstep_messages_sent_total', 'Messages to peers, by kind', ['message'], () =>
      this.sent.samples(),
    );
    meters.counters(
      'lockstep_messages_received_total',
      'Messages from peers, by kind',
      ['message'],
      () => this.received.samples(),
    );
  }
}

export function meterPeers(meters: Meters, figures: () => PeerFigures): void {
  for (const [key, name, help] of COUNTED)
    meters.counter(`lockstep_peer_${name}_total`, help, () => figures()[key]);
  meters.gauge('lockstep_peers_connected', 'Peers with a handshaken connection', () => {
    return figures().connected.length;
  });
  meters.gauges(
    'lockstep_peer_unsent_bytes',
    'Given to the connection of a peer and not yet sent',
    ['replica'],
    () =>
      figures().links.map((each): Sample => [{ replica: each.replicaNumber }, each.unsentBytes]),
  );
  meters.gauges(
    'lockstep_peer_silence_seconds',
    'Since the last frame of a peer',
    ['replica'],
    () =>
      figures().links.map((each): Sample => [
        { replica: each.replicaNumber },
        each.silenceMs / 1000,
      ]),
  );
}
