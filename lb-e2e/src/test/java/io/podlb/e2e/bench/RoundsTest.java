package io.podlb.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How figures come about. */
class RoundsTest {

    private static final Figure CPU = new Figure("CPU us/request", 1);

    @Test
    void candidatesTakeTurns() {
        List<String> order = new ArrayList<>();
        Rounds.interleaved(List.of("a", "b", "c"), 2, candidate -> {
            order.add(candidate);
            return Sample.EMPTY;
        });
        assertThat(order).containsExactly("a", "b", "c", "a", "b", "c");
    }

    @Test
    void warmUpEndsWithTwoSamplesNearEachOther() {
        record Row(String name, List<Double> values, int most, int taken, boolean steady) {}
        for (Row row : List.of(
                new Row("steady at once: three all the same", List.of(100.0, 100.0, 100.0, 100.0), 10, 3, true),
                new Row("getting faster", List.of(100.0, 50.0, 30.0, 20.0, 19.5, 1.0), 10, 5, true),
                new Row("3 % is too much", List.of(100.0, 100.0, 97.0, 97.1, 1.0), 10, 4, true),
                new Row("getting slower is not steady either", List.of(1.0, 2.0, 4.0, 8.0, 8.1), 10, 5, true),
                new Row("never", List.of(1.0, 2.0, 1.0, 2.0, 1.0), 4, 4, false),
                new Row("none at all", List.of(), 0, 0, false))) {
            Iterator<Double> next = row.values.iterator();
            List<Sample> taken = Rounds.untilSteady(() -> Sample.EMPTY.with(CPU, next.next()), CPU, row.most);
            assertThat(taken).as(row.name).hasSize(row.taken);
            assertThat(Rounds.isSteady(taken, CPU)).as(row.name).isEqualTo(row.steady);
        }
    }

    @Test
    void aSummaryIsMedianAndRange() {
        assertThat(summary(3, 1, 2)).isEqualTo(new Summary(2, 1, 3));
        assertThat(summary(4, 1, 2, 3)).isEqualTo(new Summary(2.5, 1, 4));
        assertThat(summary(90, 100, 110).spreadPercent()).isCloseTo(10, within(1e-9));
        assertThat(Summary.of(List.of(Sample.EMPTY.with(CPU, Double.NaN)), CPU)).isEmpty();
    }

    private static Summary summary(double... values) {
        List<Sample> samples = Arrays.stream(values)
                .mapToObj(value -> Sample.EMPTY.with(CPU, value))
                .toList();
        return Summary.of(samples, CPU).orElseThrow();
    }

    @Test
    void aReportShowsMediansAndKeepsSamples(@TempDir Path folder) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Report report = new Report(new PrintStream(out, true, StandardCharsets.UTF_8), Map.of("kernel", "6.1"));
        Iterator<Double> values = List.of(30.0, 20.0, 34.0, 20.0).iterator();
        Rounds<String> rounds =
                Rounds.interleaved(List.of("podlb", "haproxy"), 2, candidate -> Sample.EMPTY.with(CPU, values.next()));
        Report.Comparison compared = new Report.Comparison(CPU, "haproxy");
        report.table("title", List.of(CPU), rounds, Function.identity(), Map.of(), compared);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .anyMatch(line -> line.strip().matches("podlb +32.0 ±6% +1.60"))
                .anyMatch(line -> line.strip().matches("haproxy +20.0 ±0% +1.00"));
        Path json = folder.resolve("report.json");
        report.write(json);
        assertThat(Files.readString(json)).contains("6.1", "30.0", "34.0", CPU.name());
    }

    @Test
    void theHeapOfAJvmIsFoundUnderEachCollector() {
        JavaHeap serial = JavaHeap.of("""
                 def new generation   total 116160K, used 35576K [0x0000000687400000, 0x000000068f200000, 0x0000000704d50000)
                  eden space 103296K,  34% used [0x0000000687400000, 0x00000006896be1d0, 0x000000068d8e0000)
                 tenured generation   total 258048K, used 100K [0x0000000704d50000, 0x0000000714950000, 0x0000000800000000)
                   the space 258048K,   0% used [0x0000000704d50000, 0x0000000704d50000, 0x0000000714950000)
                 Metaspace       used 9868K, committed 10048K, reserved 1114112K
                """);
        assertThat(serial).isEqualTo(new JavaHeap(35_676, 0x687400000L, 0x800000000L));
        JavaHeap g1 = JavaHeap.of("garbage-first heap   total reserved 6172672K, committed 393216K, used 50125K"
                + " [0x0000000687400000, 0x0000000800000000)\n");
        assertThat(g1).isEqualTo(new JavaHeap(50_125, 0x687400000L, 0x800000000L));
    }

    @Test
    void cpuTimeOfThisProcessGrowsAsItWorks() {
        long pid = ProcessHandle.current().pid();
        CpuTime before = CpuTime.now(pid);
        long sum = 0;
        Duration used = Duration.ZERO;
        while (used.toMillis() < 50) { // bounded by the CPU time that it burns
            sum += Long.numberOfTrailingZeros(sum + 1);
            used = CpuTime.now(pid).since(before).process();
        }
        assertThat(CpuTime.now(0).process()).isZero();
        assertThat(CpuTime.statusKib(pid, "VmRSS")).isPositive();
    }
}
