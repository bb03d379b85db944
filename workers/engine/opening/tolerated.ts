/**
 * What a trio brings beside its models may be at fault: then a finding says so, and the models are opened all the
 * same, because they can be merged and exported without it.
 */
import { StudioError } from '../../../core/errors.ts';

/** Why it failed, without a full stop. Throws what was thrown where a person cancelled, or the fault is ours. */
export function faultOf(thrown: unknown): string {
  if (thrown instanceof StudioError && thrown.code !== 'cancelled') return thrown.message.replace(/\.$/, '');
  throw thrown;
}
