package io.podlb.kit;

import io.netty.util.concurrent.Ticker;
import java.util.Arrays;

/** Prints how long labs take to start, the first of this JVM apart. By hand; not a test, since no machine is quiet. */
final class StartTimeMain {

    private StartTimeMain() {}

    public static void main(String[] args) {
        Ticker ticker = Ticker.systemTicker();
        long[] starts = new long[40];
        for (int i = 0; i < starts.length; i++) {
            long begin = ticker.nanoTime();
            try (Lab lab = Lab.builder().manifests("classpath:kit/shop.yaml").start()) {
                starts[i] = (ticker.nanoTime() - begin) / 1000;
                if (i == 0) {
                    System.out.println("transport " + lab.transport() + ", cold " + starts[0] + " us");
                }
            }
        }
        long[] warm = Arrays.copyOfRange(starts, 20, starts.length);
        Arrays.sort(warm);
        System.out.println("after 20: median " + warm[warm.length / 2] + " us, worst " + warm[warm.length - 1] + " us");
    }
}
