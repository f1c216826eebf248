package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Unquoted scalars have the types that kubectl gives them. */
class ScalarsTest {

    private static final List<Object[]> ROWS = Arrays.asList(new Object[][] {
        {"", null},
        {"~", null},
        {"null", null},
        {"nULL", "nULL"},
        {"true", true},
        {"yes", true},
        {"On", true},
        {"n", false},
        {"off", false},
        {"0", 0},
        {"80", 80},
        {"-1", -1},
        {"+7", 7},
        {"0644", 420},
        {"0o644", 420},
        {"0x50", 80},
        {"-0x10", -16},
        {"0b101", 5},
        {"1_000", 1000},
        {"089", 89.0},
        {"0x", "0x"},
        {"0_", "0_"},
        {"2147483648", 2147483648L},
        {"18446744073709551616", new BigInteger("18446744073709551616")},
        {"1.5", 1.5},
        {".5", 0.5},
        {"1e3", 1000.0},
        {".inf", Double.POSITIVE_INFINITY},
        {"-.Inf", Double.NEGATIVE_INFINITY},
        {".NaN", Double.NaN},
        {"10.0.0.1", "10.0.0.1"},
        {"12:30", "12:30"},
        {"2026-01-01", "2026-01-01"},
        {"-", "-"},
        {"500m", "500m"},
        {"9".repeat(65), "9".repeat(65)},
    });

    @Test
    void everyRowHasItsType() {
        for (Object[] row : ROWS) {
            assertThat(Scalars.resolve((String) row[0])).as("%s", row[0]).isEqualTo(row[1]);
        }
    }
}
