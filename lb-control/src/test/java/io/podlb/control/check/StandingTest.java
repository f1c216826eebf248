package io.podlb.control.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a row of tries (+ for success) makes of an endpoint: the letter under each says whether it is up. */
class StandingTest {

    @ParameterizedTest
    @CsvSource({
        "1, 3, +, U",
        "1, 3, -+, dU",
        "1, 3, +--+--+, UUUUUUU", // never three in a row
        "1, 3, +---, UUUd",
        "1, 3, +---+, UUUdU",
        "2, 1, ++, dU",
        "2, 1, +-+-+, ddddd",
        "2, 1, ++-++, dUddU",
        "3, 2, +++--+++, ddUUdddU",
        "1, 3, ---------, ddddddddd"
    })
    void neitherOneSuccessNorOneFailureNeedDecide(int rise, int fall, String tries, String standings) {
        Standing standing = new Standing(rise, fall);
        StringBuilder seen = new StringBuilder();
        boolean before = false;
        for (char outcome : tries.toCharArray()) {
            boolean turned = standing.tried(outcome == '+');
            seen.append(standing.isUp() ? 'U' : 'd');
            assertThat(turned).isEqualTo(standing.isUp() != before);
            before = standing.isUp();
        }
        assertThat(seen).hasToString(standings);
    }
}
