package io.podlb.kit;

import io.netty.util.concurrent.Ticker;
import java.util.Arrays;

/**
 * Prints how long labs take to start: the first of this JVM, and the second half of all. The only argument is how many,
 * at least 2. Not a test, since no machine is quiet; {@code bench/kit.sh} runs it.
 */
final class StartTimeMain {

    private static final String LABS = "40";

    private StartTimeMain() {}

    public static void main(String[] args) {
        long[] starts = new long[Integer.parseInt(args.length == 0 ? LABS : args[0])];
        String transport = "";
        Ticker ticker = Ticker.systemTicker();
        for (int i = 0; i < starts.length; i++) {
            long begin = ticker.nanoTime();
            try (Lab lab = Lab.builder().manifests("classpath:kit/shop.yaml").start()) {
                starts[i] = (ticker.nanoTime() - begin) / 1000;
                transport = lab.transport();
            }
        }
        System.out.println("the first lab: " + starts[0] + " us, transport " + transport);
        long[] warm = Arrays.copyOfRange(starts, starts.length / 2, starts.length);
        Arrays.sort(warm);
        System.out.println("the last " + warm.length + " of " + starts.length + ": median " + warm[warm.length / 2]
                + " us, worst " + warm[warm.length - 1] + " us");
    }
}
