import { CONTRACTS } from '../../apps/server/src/contract/contracts';
import type { JsonObject } from '../../apps/server/src/contract/json';
import { Problem } from '../../apps/server/src/contract/problem';
import { Desk } from '../../apps/server/src/contract/solo-desk';
import type { Operation } from './conformance-case';
import { playOnService, type FileService, type OperationAnswer } from './file-service';
import type { Observation } from './observation';
import type { Play } from './play';

const TOP = '1';

/** The state machine in this process, behind the JSON of the API and without a group. */
export function playOnStateMachine(play: Play): Promise<Observation> {
  return playOnService(new SoloService(), TOP, play);
}

class SoloService implements FileService {
  private readonly desk = new Desk();

  post(caller: JsonObject, ops: readonly Operation[]): Promise<readonly OperationAnswer[]> {
    // Cluster time goes on between requests, so that a time that was set again shows.
    this.desk.solo.advance(10);
    return Promise.resolve(this.answer(caller, ops));
  }

  /** As the door does it: a lone query takes the way of reads. */
  private answer(caller: JsonObject, ops: readonly Operation[]): readonly OperationAnswer[] {
    const [first] = ops;
    if (ops.length === 1 && first !== undefined && isKnown('query', first.kind)) {
      const answer = this.desk.ask('files', { ...first, caller });
      return [answer instanceof Problem ? { problem: answer.toBody() } : { result: answer }];
    }
    const answer = this.desk.do('files', { kind: 'batch', caller, ops });
    if (answer instanceof Problem) return [{ problem: answer.toBody() }];
    return answer['results'] as unknown as readonly OperationAnswer[];
  }
}

/** Whether the contract knows an operation or a query of this kind. */
export const knows = (kind: string): boolean =>
  isKnown('operation', kind) || isKnown('query', kind);

const known = new Map<string, boolean>();

/** Found out by asking: what the contract knows may lack fields, but its kind is no fault. */
function isKnown(form: 'operation' | 'query', kind: string): boolean {
  const key = `${form} ${kind}`;
  const found = known.get(key) ?? ask(form, kind);
  known.set(key, found);
  return found;
}

function ask(form: 'operation' | 'query', kind: string): boolean {
  const contract = CONTRACTS.get('files');
  try {
    if (form === 'operation') contract?.operation({ kind }, { request: '', session: undefined });
    else contract?.query({ kind });
    return true;
  } catch (fault) {
    return fault instanceof Problem && fault.members['field'] !== 'kind';
  }
}
