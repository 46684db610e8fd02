/** MSAL's logger: what apps and wrappers write goes to the app's own callback, or nowhere. */

/** MSAL's numbers. @type {typeof import("./index.js").LogLevel} */
export const LogLevel = /** @type {const} */ ({ Error: 0, Warning: 1, Info: 2, Verbose: 3, Trace: 4 });

/** @typedef {import("./index.js").LoggerOptions} LoggerOptions */

export class Logger {
  /** @param {LoggerOptions} [options] @param {string} [packageName] @param {string} [packageVersion] */
  constructor(options = {}, packageName = "", packageVersion = "") {
    this.options = options;
    this.source = packageName && `${packageName}@${packageVersion}`;
  }

  /** @param {string} packageName @param {string} packageVersion @param {string} [_correlationId] */
  clone(packageName, packageVersion, _correlationId) {
    return new Logger(this.options, packageName, packageVersion);
  }

  isPiiLoggingEnabled() {
    return Boolean(this.options.piiLoggingEnabled);
  }

  /** @param {number} level @param {string} message @param {string} [correlationId] @param {boolean} [containsPii] */
  write(level, message, correlationId = "", containsPii = false) {
    const { loggerCallback, logLevel = LogLevel.Info } = this.options;
    if (level > logLevel || (containsPii && !this.isPiiLoggingEnabled())) return;
    loggerCallback?.(/** @type {any} */ (level), `[${[new Date().toUTCString(), correlationId, this.source].filter(Boolean).join("] [")}] ${message}`, containsPii);
  }

  /** @param {string} message @param {string} [correlationId] */
  error(message, correlationId) {
    this.write(LogLevel.Error, message, correlationId);
  }

  /** @param {string} message @param {string} [correlationId] */
  warning(message, correlationId) {
    this.write(LogLevel.Warning, message, correlationId);
  }

  /** @param {string} message @param {string} [correlationId] */
  info(message, correlationId) {
    this.write(LogLevel.Info, message, correlationId);
  }

  /** @param {string} message @param {string} [correlationId] */
  verbose(message, correlationId) {
    this.write(LogLevel.Verbose, message, correlationId);
  }

  /** @param {string} message @param {string} [correlationId] */
  trace(message, correlationId) {
    this.write(LogLevel.Trace, message, correlationId);
  }

  /** @param {string} message @param {string} [correlationId] */
  errorPii(message, correlationId) {
    this.write(LogLevel.Error, message, correlationId, true);
  }

  /** @param {string} message @param {string} [correlationId] */
  warningPii(message, correlationId) {
    this.write(LogLevel.Warning, message, correlationId, true);
  }

  /** @param {string} message @param {string} [correlationId] */
  infoPii(message, correlationId) {
    this.write(LogLevel.Info, message, correlationId, true);
  }

  /** @param {string} message @param {string} [correlationId] */
  verbosePii(message, correlationId) {
    this.write(LogLevel.Verbose, message, correlationId, true);
  }

  /** @param {string} message @param {string} [correlationId] */
  tracePii(message, correlationId) {
    this.write(LogLevel.Trace, message, correlationId, true);
  }
}
