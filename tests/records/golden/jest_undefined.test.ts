import { merge } from "../src/options";

test("merge: an undefined option removes the default, null keeps it", () => {
  const result = merge({ depth: 3, label: "x" }, { label: undefined, depth: null });
  expect(result).toEqual({ depth: null });
  expect(result.label).toBeUndefined();
});
