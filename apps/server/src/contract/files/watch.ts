import { decodeFileChange, FILES_SERVICE, type FileChangeEvent } from '@lockstep/state-machines';
import type { ByteString } from '@lockstep/vr-core';
import { onFiles, type Need } from '../../access/need';
import type { ShowEvent } from '../event-feed';
import { malformed } from '../problem';
import { changeBody } from './change-body';

/** What is watched: a name of a volume, and what is in it, or, when `recursive`, all below. */
export interface Watched {
  readonly volume: string;
  /** From the root, without links, `.` and `..`. */
  readonly path: ByteString;
  readonly recursive: boolean;
}

/** What it takes to be told of it. */
export function needOfWatch({ volume, path }: Watched): Need {
  const text = Buffer.from(normalized(path), 'latin1').toString('utf8');
  return onFiles('reader', volume, text === '' ? '/' : text);
}

/** Shows the changes of what is watched, and the loss of a directory above it. (files.md N4) */
export function fileChangesOf({ volume, path, recursive }: Watched): ShowEvent {
  const watched = normalized(path);
  return (event) => {
    if (event.service !== FILES_SERVICE) return undefined;
    const change = decodeFileChange(event.bytes);
    if (change.volume !== volume) return undefined;
    return concerns(change, watched, recursive) ? changeBody(change) : undefined;
  };
}

function concerns(change: FileChangeEvent, watched: string, recursive: boolean): boolean {
  const { path, from, named } = change;
  // What has no name here happened to something in the directory of that path.
  const child = named ? path : `${path}/`;
  const isSeen = (name: string): boolean =>
    name === watched ||
    (recursive ? name.startsWith(`${watched}/`) : directoryOf(name) === watched);
  if (isSeen(child) || (from !== undefined && isSeen(from))) return true;
  const takesAway = change.change === 'moved' || change.change === 'removed';
  return takesAway && [path, from].some((name) => watched.startsWith(`${name}/`));
}

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** The root is the empty path, as changes have it. */
function normalized(path: ByteString): string {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.includes('.') || parts.includes('..'))
    throw malformed('path', 'must be without . and .. where it is watched');
  return parts.map((part) => `/${part}`).join('');
}
