import { expect, test } from "@playwright/test";

test("log in: a wrong password is told once and the name stays", async ({ page }) => {
  await page.goto("/login");
  await page.getByLabel("User name", { exact: true }).fill("ann");
  await page.getByLabel("Password", { exact: true }).fill('wrong "one"');
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("Wrong password");
  await expect(page.getByText("Welcome", { exact: true })).toBeHidden();
  await expect(page).toHaveURL("/login");
});
