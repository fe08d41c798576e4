import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Need } from '../access/need';
import { expectMay } from '../contract/access';
import { Problem } from '../contract/problem';

export const NEED = 'lockstep:need';

/** What a route takes: a need, or who else states it. */
export type RouteNeed = Need | 'its-service' | 'nobody';

type Mark = MethodDecorator & ClassDecorator;

export const Requires = (need: Need): Mark => SetMetadata(NEED, need satisfies RouteNeed);

/** Its operations and queries say themselves what they take: it does nothing else. */
export const ItsServiceSays = (): Mark => SetMetadata(NEED, 'its-service' satisfies RouteNeed);

/** What must be known to come in at all. */
export const OpenToAll = (): Mark => SetMetadata(NEED, 'nobody' satisfies RouteNeed);

/** Throws the problem `forbidden`. A route that says nothing is open to nobody. */
@Injectable()
export class RequiresGuard implements CanActivate {
  private readonly reflector: Reflector;

  constructor(reflector: Reflector) {
    this.reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const need = this.reflector.getAllAndOverride<RouteNeed | undefined>(NEED, targets);
    if (need === undefined) throw new Problem('forbidden', 'Nobody has said who may do this.');
    if (typeof need === 'string') return true;
    const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
    expectMay(principal, [need]);
    return true;
  }
}
