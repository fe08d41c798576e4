export { serve, type Served } from './serve';
export { AppModule } from './app.module';
export { VrModule, type VrOptions } from './vr/vr.module';
export type { Surroundings } from './replica-process';
