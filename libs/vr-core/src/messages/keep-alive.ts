import { integer, list, struct, text } from '../encoding/shape';
import type { Shape } from '../encoding/shape';
import type { SessionId } from '../service/state-machine';
import { headerFields, type Header } from './header';
import { PRINCIPAL_BYTES_MAX } from './request';

/** ⟨KEEPALIVE v, i, touches⟩: a door hands its clients' keepalives to the primary, many in one. (decision 22) */
export interface KeepAlive extends Header {
  readonly kind: 'KeepAlive';
  readonly touches: readonly Touch[];
}

export interface Touch {
  readonly ticket: number;
  readonly session: SessionId;
  readonly principal: string;
}

export const keepAliveShape = struct({
  ...headerFields,
  touches: list(
    struct({
      ticket: integer(),
      session: text(40) as unknown as Shape<SessionId>,
      principal: text(PRINCIPAL_BYTES_MAX),
    }),
    1 << 16,
  ),
});
