import static org.junit.jupiter.api.Assertions.assertEquals;

import org.example.Maths;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MathsTest {
    @Test
    @DisplayName("widens before it adds")
    void widenWidensBeforeItAdds() {
        assertEquals(2147450752L, Maths.widen(2147483647, 1L, (byte) -128, (short) -32768));
    }
}
