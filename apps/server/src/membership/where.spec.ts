import type { GroupFile } from '../group-folder/group-file';
import { doorsOf } from './where';

describe('the doors at which commands look for a group', () => {
  it('are those of actives before any of a witness, which knows of nobody who has joined', () => {
    const roles = ['witness', 'joining', 'active', 'active'] as const;
    const replicas = roles.map((role, n) => ({
      id: `r${n}`,
      role,
      url: `u${n}`,
      pid: 1,
      data: '',
    }));
    const file: GroupFile = { groupId: 'g', mode: 'durable', supervisor: 1, replicas };
    expect(doorsOf(file)).toEqual(['u2', 'u3', 'u0', 'u1']);
  });
});
