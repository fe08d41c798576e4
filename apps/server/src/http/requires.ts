import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Need } from '../access/need';
import { expectMay } from '../contract/access';
import type { Action, AuditTrail } from '../contract/audit-trail';
import { isObject } from '../contract/json';
import { Problem } from '../contract/problem';

export const NEED = 'lockstep:need';
const AUDITED = 'lockstep:audited';

declare module 'fastify' {
  interface FastifyRequest {
    /** What has been written down as asked, and whose outcome is to be. */
    audited?: Action;
  }
}

/** What a route takes: a need, or who else states it. */
export type RouteNeed = Need | 'its-service' | 'nobody';

type Mark = MethodDecorator & ClassDecorator;

export const Requires = (need: Need): Mark => SetMetadata(NEED, need satisfies RouteNeed);

/** Its operations and queries say themselves what they take: it does nothing else. */
export const ItsServiceSays = (): Mark => SetMetadata(NEED, 'its-service' satisfies RouteNeed);

/** What must be known to come in at all. */
export const OpenToAll = (): Mark => SetMetadata(NEED, 'nobody' satisfies RouteNeed);

/** It is done by this replica alone, through no service that would write it down. */
export const Audited = (): MethodDecorator => SetMetadata(AUDITED, true);

/** Throws the problem `forbidden`. A route that says nothing is open to nobody. */
@Injectable()
export class RequiresGuard implements CanActivate {
  private readonly reflector: Reflector;
  private readonly audit: AuditTrail;

  constructor(reflector: Reflector, audit: AuditTrail) {
    this.reflector = reflector;
    this.audit = audit;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const need = this.reflector.getAllAndOverride<RouteNeed | undefined>(NEED, targets);
    if (need === undefined) throw new Problem('forbidden', 'Nobody has said who may do this.');
    if (typeof need === 'string') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const isAudited = this.reflector.get<boolean | undefined>(AUDITED, context.getHandler());
    this.expectMay(request, need);
    if (isAudited !== true) return true;
    const action = actionOf(request);
    await this.audit.asked(action);
    request.audited = action;
    return true;
  }

  private expectMay(request: FastifyRequest, need: Need): void {
    try {
      expectMay(request.principal, [need]);
    } catch (fault) {
      if (fault instanceof Problem && need.role === 'admin')
        this.audit.refused(actionOf(request), fault.code);
      throw fault;
    }
  }
}

const actionOf = ({ principal, id, method, routeOptions, body }: FastifyRequest): Action => ({
  principal,
  requestId: id,
  what: `${method} ${routeOptions.url ?? ''}`,
  details: isObject(body) ? body : {},
});

/** The outcome is on the disk before the answer is sent. */
export function writeOutcomes(instance: FastifyInstance, audit: AuditTrail): void {
  instance.addHook('onSend', async (request, reply) => {
    if (request.audited !== undefined)
      await audit.ended(request.audited, `status ${reply.statusCode}`);
  });
}
