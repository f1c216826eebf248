package io.podlb.control.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StableNumbersTest {

    @Test
    void theSameNamesGetTheSameNumbersAfterARestart() {
        Set<String> names = names(500);
        assertThat(new StableNumbers(1, 1000).assign(names)).isEqualTo(new StableNumbers(1, 1000).assign(names));
    }

    @Test
    void noNumberIsGivenTwiceAndAllAreInRange() {
        Map<String, Integer> given = new StableNumbers(20, 119).assign(names(100));
        assertThat(given).hasSize(100);
        assertThat(new TreeSet<>(given.values())).hasSize(100).first().isEqualTo(20);
        assertThat(given.values()).allMatch(number -> number >= 20 && number <= 119);
    }

    @Test
    void aNameKeepsItsNumberWhateverComesAndGoesBesideIt() {
        StableNumbers numbers = new StableNumbers(0, 63);
        Map<String, Integer> before = new HashMap<>(numbers.assign(names(40)));
        Set<String> others = new HashSet<>(names(20));
        for (int i = 0; i < 40; i++) {
            others.add("another-" + i); // sorts before the names that stay
        }
        Map<String, Integer> after = numbers.assign(others);
        before.keySet().retainAll(others);
        assertThat(before).hasSize(20);
        assertThat(after).containsAllEntriesOf(before).hasSize(60);
    }

    @Test
    void whoComesWhenAllAreGivenGetsNone() {
        assertThat(new StableNumbers(1, 3).assign(names(5))).hasSize(3);
    }

    private static Set<String> names(int count) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            names.add("name-" + i);
        }
        return names;
    }
}
