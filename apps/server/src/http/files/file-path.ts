import type { JsonObject } from '../../contract/json';
import { bytesField, percentDecode } from '../../contract/path-bytes';
import type { Exchange } from '../exchange';

const FILE_PATH = /^\/v1\/fs\/[^/?]+\/[a-z]+(?:\/([^?]*))?(?:\?|$)/;

/** The path of a file in the URL, from its bytes: `{path}`, or `{pathBase64}` when they are no text. (decision 36) */
export function filePathOf({ request }: Exchange): JsonObject {
  const [, encoded = ''] = FILE_PATH.exec(request.originalUrl) ?? [];
  return bytesField('path', percentDecode(`/${encoded}`, 'path'));
}
