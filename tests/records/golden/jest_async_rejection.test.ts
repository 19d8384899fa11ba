import { Client, TimeoutError } from "../src/client";

test("Client.load: rejects with a timeout", async () => {
  const client = new Client({ retries: 0 });
  const result = client.load(18446744073709551616n);
  await expect(result).rejects.toBeInstanceOf(TimeoutError);
  await expect(result).rejects.toThrow("no answer for 18446744073709551616");
  expect(client.attempts).toBe(1);
});
