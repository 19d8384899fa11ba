import { expect, test } from "@playwright/test";
import Ajv from "ajv/dist/2020";

test("POST /orders/{id}/items: adds an item for the owner of the token", async ({ request }) => {
  const login = await request.post("/login", { form: { user: "ann", password: "s3cret" } });
  const token = (await login.json()).access.token;
  const opened = await request.post("/orders", { headers: { Authorization: `Bearer ${token}` }, data: {} });
  const order = (await opened.json()).id;
  const response = await request.post(`/orders/${order}/items`, {
    params: { dry: "no" },
    headers: { Authorization: `Bearer ${token}` },
    data: { order, sku: "tea", count: 2, note: null },
  });
  expect(response.status()).toBe(201);
  expect(response.headers()["content-type"]).toContain("application/json");
  const body = await response.json();
  expect(body.items[0].count).toEqual(2);
  const schema = { type: "object", required: ["items"], properties: { items: { type: "array", minItems: 1 } } };
  expect(new Ajv().validate(schema, body)).toBe(true);
});
