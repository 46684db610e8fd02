"use client";

import { useEffect } from "react";
import { run, show } from "../app.js";

export function Client() {
  useEffect(() => void show(run()), []);
  return null;
}
