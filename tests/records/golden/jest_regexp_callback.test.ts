import { replaceAll } from "../src/text";

test("replaceAll: calls back for every match", () => {
  const result = replaceAll("a1 b22 \u202e", /([a-z])(\d+)/giu, (letter, digits) => digits + letter);
  expect(result).toBe("1a 22b \u202e");
  expect(result.length).toBe(8);
});
