/** The types of explanations: what compiles, and what must not. */

import { type AuthError } from "consentry";
import { type Actor, type Again, catalogue, type CatalogueEntry, explain, type Explanation, type Topic } from "consentry/explain";

declare const error: AuthError;

const explanation: Explanation = explain(error);
export const whatever: Explanation[] = [explain(null), explain("text"), explain({ errorCode: "invalid_grant", errorNo: 65001 }), explain(new Error())];

export function buttonFor({ who, again, topic }: Explanation): string | null {
  const actor: Actor = who;
  const about: Topic = topic;
  switch (again) {
    case "interactive": return actor === "user" ? "Continue" : "Ask";
    case "later": return `Try again: ${about}`;
    case "no": return null;
  }
}

export const texts: string[] = [explanation.code, explanation.class, explanation.cause, explanation.remedy];
export const forSupport: (string | undefined)[] = [explanation.number, explanation.correlationId, explanation.traceId, explanation.timestamp, explanation.documentation];
export const policies: CatalogueEntry[] = catalogue.filter(({ topic, class: name }) => topic === "policy" && name === "AccessBlockedError");
export const ways: Again[] = catalogue.map(({ again }) => again);

// @ts-expect-error An explanation can't be changed.
explanation.cause = "another";

// @ts-expect-error Nor can the catalogue.
catalogue.push(...policies);

// @ts-expect-error There may be no number.
export const number: string = explanation.number;

// @ts-expect-error Not one of those who act.
export const nobody: boolean = explanation.who === "server";

// @ts-expect-error A topic that is none.
export const unknown: boolean = explanation.topic === "weather";
