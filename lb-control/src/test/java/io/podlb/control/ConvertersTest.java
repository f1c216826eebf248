package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {

    @ParameterizedTest
    @CsvSource({
        "0s, PT0S",
        "500ms, PT0.5S",
        "10s, PT10S",
        "1m30s, PT1M30S",
        "90s, PT1M30S",
        "1h, PT1H",
        "1d12h, PT36H",
        "1s1ms, PT1.001S",
        "36500d, PT876000H",
    })
    void readsDurations(String text, Duration duration) {
        assertThat(new Converters.OfDuration().convert(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "s",
                "10",
                "10 s",
                "1.5s",
                "-1s",
                "1S",
                "1m 30s",
                "PT10S",
                "10sx",
                "1000000000000s",
                "36500d1ms"
            })
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> new Converters.OfDuration().convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageStartingWith("\"" + text + "\" (expected: ");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:10249, 127.0.0.1:10249",
        "localhost:0, 127.0.0.1:0",
        "[::1]:10249, [0:0:0:0:0:0:0:1]:10249",
        "0.0.0.0:65535, 0.0.0.0:65535",
    })
    void readsSocketAddresses(String text, String shown) {
        assertThat(new Converters.OfSocketAddress().convert(text)).hasToString(shown);
    }
}
