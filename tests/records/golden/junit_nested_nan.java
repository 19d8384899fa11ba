import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;

import java.util.List;
import java.util.Map;
import org.example.Series;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SeriesTest {
    @Test
    @DisplayName("refuses what is no number")
    void mapRefusesWhatIsNoNumber() {
        var caught = assertThrowsExactly(
            IllegalArgumentException.class,
            () -> Series.map(Map.of("day", List.of(1.5, Float.NaN)), x -> x * 2.0, new int[] {1, 2})
        );
        assertEquals("day[1] is NaN; \"1.0\" \\ expected", caught.getMessage());
    }
}
