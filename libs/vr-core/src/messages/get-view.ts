import { struct } from '../encoding/shape';
import { headerFields, type Header } from './header';

/**
 * ⟨GETVIEW v, i⟩: "I heard of view v and am not in it: send me its STARTVIEW." The sender's own view does not change
 * by asking. (E7, E17; in place of §5.2's transfer to a later view: D6)
 */
export interface GetView extends Header {
  readonly kind: 'GetView';
}

export const getViewShape = struct({ ...headerFields });
