import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.example.Currency;
import org.example.Invoice;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InvoiceTest {
    @Test
    @DisplayName("rounds half even in the invoice's currency")
    void totalRoundsHalfEvenInTheInvoicesCurrency() {
        var invoice = new Invoice(Currency.EUR, "€".charAt(0));
        invoice.add(new BigDecimal("10.005"), new BigInteger("1000000000000000000000000000000"));
        var result = invoice.total();
        assertEquals(new BigDecimal("10005000000000000000000000000000.00"), result);
        assertEquals(1, invoice.lines.size());
    }
}
