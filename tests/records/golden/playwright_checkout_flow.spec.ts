import { expect, test } from "@playwright/test";

test("check out: express delivery needs the terms", async ({ page }) => {
  await page.goto("/cart?item=tea");
  await page.getByLabel("Delivery", { exact: true }).selectOption("Express");
  await page.getByLabel("I accept the terms").check();
  await page.getByTestId("newsletter").uncheck();
  await page.getByPlaceholder("Voucher", { exact: true }).press("Enter");
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/orders\/\d+$/);
  await expect(page.locator("#total > strong")).toHaveText("12.90 €");
});
