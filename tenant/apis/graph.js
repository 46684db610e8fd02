/** A small part of Microsoft Graph: profiles, mail, calendar, the organization, and the user info endpoint. */
const CODES = {
  unauthorized: "InvalidAuthenticationToken",
  insufficientScope: "Authorization_RequestDenied",
  accessDenied: "ErrorAccessDenied",
  notFound: "ResourceNotFound",
  badRequest: "BadRequest",
};

/** @type {import("./api.js").ApiRoutes} */
export const graphRoutes = {
  routes: {
    "GET /v1.0/me": { permission: "User.Read", answer: ({ user, claims: { oid } }) => ({ body: profile({ user, oid }) }) },
    "GET /v1.0/me/messages": { permission: "Mail.Read", answer: ({ user }) => ({ body: { value: user.messages.map(message) } }) },
    "GET /v1.0/users": { permission: "User.Read.All", answer: ({ members }) => ({ body: { value: members.map(profile) } }) },
    "GET /v1.0/users/{id}/messages": { permission: "Mail.Read.Shared", answer: mailboxOf },
    "GET /v1.0/organization": { permission: "Directory.Read.All", answer: (call) => ({ body: { value: [organization(call)] } }) },
    "POST /v1.0/me/sendMail": { permission: "Mail.Send", answer: sendMail },
    "GET /v1.0/me/calendar/events": { permission: "Calendars.Read", answer: ({ user }) => ({ body: { value: user.events.map(event) } }) },
    "GET /oidc/userinfo": { permission: "openid", answer: userInfo },
    "POST /oidc/userinfo": { permission: "openid", answer: userInfo },
  },
  errorBody: (code, text) => ({ error: { code: CODES[code], message: text } }),
};

function profile({ user, oid }) {
  return {
    id: oid, displayName: user.name, givenName: user.givenName, surname: user.familyName,
    jobTitle: user.jobTitle, mail: user.username, userPrincipalName: user.username,
  };
}

function userInfo({ user, claims: { sub } }) {
  const email = user.email === null ? {} : { email: user.email ?? user.username };
  return { body: { sub, name: user.name, given_name: user.givenName, family_name: user.familyName, ...email } };
}

function message({ from, ...fields }) {
  return { ...fields, from: { emailAddress: { address: from } } };
}

function organization({ directory, claims: { tid } }) {
  const { id, displayName, domain } = directory.tenants.find((one) => one.id === tid);
  return { id, displayName, verifiedDomains: [{ name: domain, isDefault: true }] };
}

/** The permission is the app's; whether the user may read this mailbox is another matter, which no consent changes. */
function mailboxOf({ user, parameters: { id }, directory }) {
  const owner = directory.user(id);
  if (!owner) return { status: 404, body: graphRoutes.errorBody("notFound", `There is no user ${id}.`) };
  if (owner !== user && !owner.mailboxReaders?.includes(user.username)) {
    return { status: 403, body: graphRoutes.errorBody("accessDenied", `${user.username} has no access to the mailbox of ${owner.username}.`) };
  }
  return { body: { value: owner.messages.map(message) } };
}

function event({ start, end, location, organizer, ...fields }) {
  return {
    ...fields,
    start: { dateTime: start, timeZone: "UTC" },
    end: { dateTime: end, timeZone: "UTC" },
    location: { displayName: location },
    organizer: { emailAddress: { address: organizer } },
  };
}

/** The message arrives with those recipients who live in the tenant; there is no way out of it. */
function sendMail({ user, body, directory, now, newId }) {
  const addresses = (body?.message?.toRecipients ?? []).map((recipient) => recipient?.emailAddress?.address);
  if (addresses.length === 0 || !addresses.every((address) => typeof address === "string")) {
    return { status: 400, body: graphRoutes.errorBody("badRequest", "message.toRecipients[].emailAddress.address is required.") };
  }
  for (const recipient of new Set(addresses.map((address) => directory.user(address)).filter(Boolean))) {
    recipient.messages.unshift({
      id: newId(),
      receivedDateTime: now,
      subject: String(body.message.subject ?? ""),
      from: user.username,
      bodyPreview: String(body.message.body?.content ?? "").slice(0, 255),
      isRead: false,
    });
  }
  return { status: 202 };
}
