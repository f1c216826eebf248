package io.podlb.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * CPU time as the kernel accounts for it, in steps of 10 ms.
 *
 * @param process user and system time of all threads of the proxy, ended ones and the kernel's io_uring workers included
 * @param core time that core 0 was not idle, whoever used it: what the process used and the softirqs that ran between
 */
record CpuTime(Duration process, Duration core) {

    /** The core that a proxy has for itself. */
    static final int PROXY_CORE = 0;

    /** The same in the spelling of taskset. */
    static final String PROXY_CORES = Integer.toString(PROXY_CORE);

    /** The core of everything else: client, backend and the harness. */
    static final int OTHER_CORE = 1;

    /** The same in the spelling of taskset. */
    static final String OTHER_CORES = Integer.toString(OTHER_CORE);

    private static final long TICK_MILLIS = 10; // USER_HZ is 100 on every architecture that runs here

    /**
     * What has been used up to now.
     *
     * @param pid the proxy; 0 for none
     */
    static CpuTime now(long pid) {
        return new CpuTime(pid == 0 ? Duration.ZERO : ofProcess(pid), ofCore(PROXY_CORE));
    }

    CpuTime since(CpuTime before) {
        return new CpuTime(process.minus(before.process), core.minus(before.core));
    }

    static Duration ofProcess(long pid) {
        String stat = read(Path.of("/proc/" + pid + "/stat"));
        // The name, the second field, may hold spaces and brackets; the third one follows the last bracket.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Duration.ofMillis((Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MILLIS);
    }

    static Duration ofCore(int core) {
        String[] fields = read(Path.of("/proc/stat"))
                .lines()
                .filter(line -> line.startsWith("cpu" + core + " "))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("/proc/stat has no core " + core))
                .split(" +");
        // user, nice, system, then idle and iowait, which are not work, then irq and softirq; steal is another
        // machine's
        long ticks = Stream.of(1, 2, 3, 6, 7)
                .mapToLong(i -> Long.parseLong(fields[i]))
                .sum();
        return Duration.ofMillis(ticks * TICK_MILLIS);
    }

    /** A line of {@code /proc/PID/status} in KiB, such as {@code VmRSS}. */
    static long statusKib(long pid, String name) {
        return read(Path.of("/proc/" + pid + "/status"))
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + name + " of process " + pid));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
