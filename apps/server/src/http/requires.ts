import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Need } from '../access/need';
import { expectMay } from '../contract/access';

const NEED = 'lockstep:need';

/** What a route takes that is no operation or query on a service: those say it themselves. */
export const Requires = (need: Need): MethodDecorator & ClassDecorator => SetMetadata(NEED, need);

/** Throws the problem `forbidden`. */
@Injectable()
export class RequiresGuard implements CanActivate {
  private readonly reflector: Reflector;

  constructor(reflector: Reflector) {
    this.reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const need = this.reflector.getAllAndOverride<Need | undefined>(NEED, targets);
    if (need === undefined) return true;
    const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
    expectMay(principal, [need]);
    return true;
  }
}
