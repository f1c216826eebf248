package io.podlb.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The heap of a JVM as {@code jcmd PID GC.heap_info} tells it.
 *
 * @param usedKib what objects take
 * @param from its first address
 * @param to the one after its last
 */
record JavaHeap(long usedKib, long from, long to) {

    /** One line for each space: {@code tenured generation total 241984K, used 2381K [0x..., 0x..., 0x...)}. */
    private static final Pattern SPACE = Pattern.compile(
            "total (?:reserved \\d+K, committed )?\\d+K, used (\\d+)K\\s+\\[(0x[0-9a-f]+),.*?(0x[0-9a-f]+)\\)");

    private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) .*");
    private static final Pattern RSS = Pattern.compile("^Rss: +(\\d+) kB");

    static JavaHeap of(String info) {
        JavaHeap heap = new JavaHeap(0, Long.MAX_VALUE, 0);
        for (MatchResult space : SPACE.matcher(info).results().toList()) {
            heap = new JavaHeap(
                    heap.usedKib + Long.parseLong(space.group(1)),
                    Math.min(heap.from, Long.decode(space.group(2))),
                    Math.max(heap.to, Long.decode(space.group(3))));
        }
        if (heap.to == 0) {
            throw new IllegalStateException("no heap in: " + info);
        }
        return heap;
    }

    /** How much of it is in memory, objects or not. */
    long residentKib(long pid) {
        try {
            long resident = 0;
            boolean inside = false;
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
                var mapping = MAPPING.matcher(line);
                var rss = RSS.matcher(line);
                if (mapping.matches()) {
                    long start = Long.parseUnsignedLong(mapping.group(1), 16);
                    inside = Long.compareUnsigned(start, from) >= 0 && Long.compareUnsigned(start, to) < 0;
                } else if (inside && rss.matches()) {
                    resident += Long.parseLong(rss.group(1));
                }
            }
            return resident;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
