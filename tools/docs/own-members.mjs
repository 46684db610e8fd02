/** For TypeDoc: a class lists what it adds, and names the one that it extends; the client alone lists everything. */
import { Converter, ReflectionKind } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of project.getReflectionsByKind(ReflectionKind.ClassMember)) {
      const owner = reflection.parent;
      if (!reflection.inheritedFrom || !owner?.kindOf(ReflectionKind.Class)) continue;
      if (owner.name !== "PublicClientApplication" || owner.parent.name !== "consentry") project.removeReflection(reflection);
    }
  });
}
