import { checkpoint, reconfiguration, stepDown } from './changes';
import { corrupt, wipe } from './disks';
import { fullDisk } from './full-disk';
import { killUnwritten } from './kill-unwritten';
import { killAll, killAny, killPrimary } from './kills';
import { closeDoors, cutLink, flap, isolate, oneWay, slowLinks } from './links';
import { pauseAny } from './pauses';
import type { Fault } from './world';

export interface FaultKind {
  readonly name: string;
  readonly help: string;
  readonly make: Fault;
  /** May happen beside another one. */
  readonly isLight: boolean;
}

export const CATALOGUE: readonly FaultKind[] = [
  { name: 'kill', help: 'kill -9 of any replica', make: killAny, isLight: true },
  { name: 'kill-primary', help: 'kill -9 of the primary', make: killPrimary, isLight: true },
  { name: 'kill-all', help: 'kill -9 of all at once', make: killAll, isLight: true },
  {
    name: 'kill-unwritten',
    help: 'all at once while slow disks write, the primary for longer',
    make: killUnwritten,
    isLight: false,
  },
  { name: 'pause', help: 'SIGSTOP, shorter or longer than leases', make: pauseAny, isLight: true },
  { name: 'cut', help: 'one link between two replicas', make: cutLink, isLight: true },
  { name: 'isolate', help: 'a replica from all others', make: isolate, isLight: true },
  { name: 'one-way', help: 'a replica hears nobody, or is not heard', make: oneWay, isLight: true },
  { name: 'slow', help: 'links of a replica late and narrow', make: slowLinks, isLight: true },
  { name: 'flap', help: 'links cut and whole, again and again', make: flap, isLight: true },
  { name: 'doors', help: 'links between clients and replicas', make: closeDoors, isLight: true },
  { name: 'wipe', help: 'an empty disk, and --recover', make: wipe, isLight: false },
  { name: 'corrupt', help: 'bytes of a database or a promise', make: corrupt, isLight: false },
  { name: 'full-disk', help: 'full, read-only, failing, slow', make: fullDisk, isLight: false },
  {
    name: 'reconfigure',
    help: 'grow, shrink, replace, roles',
    make: reconfiguration,
    isLight: false,
  },
  { name: 'step-down', help: 'the primary gives its view up', make: stepDown, isLight: true },
  { name: 'checkpoint', help: 'a checkpoint now', make: checkpoint, isLight: true },
];
