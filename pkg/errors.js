/**
 * The error classes, by MSAL's names. `name` is a literal on each: minifiers rename classes. A class that MSAL does not have
 * keeps the name of the one that it extends, for apps that compare it.
 */

export class AuthError extends Error {
  /**
   * @param {string} errorCode
   * @param {string} [correlationId]
   * @param {string} [errorMessage]
   * @param {string} [subError]
   */
  constructor(errorCode, correlationId = "", errorMessage = "", subError = "") {
    super(errorMessage ? `${errorCode}: ${errorMessage}` : errorCode);
    this.name = "AuthError";
    this.errorCode = errorCode;
    this.errorMessage = errorMessage;
    this.subError = subError;
    this.correlationId = correlationId;
  }
}

export class BrowserAuthError extends AuthError {
  name = "BrowserAuthError";
}

export class BrowserConfigurationAuthError extends AuthError {
  name = "BrowserConfigurationAuthError";
}

export class CacheError extends AuthError {
  name = "CacheError";
}

export class ClientAuthError extends AuthError {
  name = "ClientAuthError";
}

export class ClientConfigurationError extends AuthError {
  name = "ClientConfigurationError";
}

export class InteractionRequiredAuthError extends AuthError {
  name = "InteractionRequiredAuthError";
  timestamp = "";
  traceId = "";
  claims = "";
}

export class ServerError extends AuthError {
  name = "ServerError";
}

export class ConsentRequiredError extends InteractionRequiredAuthError {}

export class ConsentDeclinedError extends ServerError {}

export class AdminConsentRequiredError extends ServerError {}

export class AccessBlockedError extends ServerError {}

export class MisconfiguredError extends ServerError {}

const CLASSES = {
  AccessBlockedError,
  AdminConsentRequiredError,
  BrowserAuthError,
  BrowserConfigurationAuthError,
  CacheError,
  ClientAuthError,
  ClientConfigurationError,
  ConsentDeclinedError,
  ConsentRequiredError,
  InteractionRequiredAuthError,
  MisconfiguredError,
  ServerError,
};

/**
 * The error of a record that the core has thrown.
 * @param {{ name: keyof typeof CLASSES, errorCode: string, errorMessage?: string, subError?: string, correlationId?: string }} record
 * @returns {AuthError}
 */
export function fromRecord({ name, errorCode, errorMessage, subError, correlationId, ...details }) {
  return Object.assign(new CLASSES[name](errorCode, correlationId, errorMessage, subError), details);
}
