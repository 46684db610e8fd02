/** A client that sends the same token request again and again is stopped (50196). */
import { AadstsError } from "./errors.js";

const WINDOW_MILLISECONDS = 5 * 60_000;

/**
 * @param {import("./clock.js").Clock} clock
 * @param {ReturnType<typeof import("./settings.js").createSettings>} settings
 */
export function createLoopGuard(clock, settings) {
  /** @type {Map<string, number[]>} by request: when it was answered */
  const answered = new Map();
  return {
    /** @param {(string | undefined)[]} request what makes two requests alike */
    refuse(request) {
      const { loopLimit } = settings.current;
      if (loopLimit === 0) return;
      const key = JSON.stringify(request);
      const now = clock.milliseconds();
      const recent = (answered.get(key) ?? []).filter((time) => now - time < WINDOW_MILLISECONDS);
      if (recent.length >= loopLimit) throw new AadstsError(50196);
      answered.set(key, [...recent, now]);
    },
    reset: () => answered.clear(),
  };
}
