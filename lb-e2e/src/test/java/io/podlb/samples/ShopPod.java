package io.podlb.samples;

import io.podlb.kit.SocketHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * The shop as its Pods run it: each order has a connection of its own, and is answered with the name of the Pod. The first
 * ones can be held, as if a database were slow; what is held is never answered.
 */
final class ShopPod implements SocketHandler {

    private final CountDownLatch held;

    /** Holds that many orders, of all Pods together. */
    ShopPod(int orders) {
        held = new CountDownLatch(orders);
    }

    /** Waits until those that are to be held have come. */
    void awaitHeld() throws InterruptedException {
        held.await();
    }

    @Override
    public void handle(String pod, Socket client) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = in.readLine(); !"".equals(line); line = in.readLine()) {
            if (line == null) {
                return; // the client has changed its mind
            }
        }
        if (isHeld()) {
            in.read(); // until somebody ends the connection
            return;
        }
        String answer =
                "HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: " + pod.length() + "\r\n\r\n" + pod;
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    }

    private synchronized boolean isHeld() {
        boolean more = held.getCount() > 0;
        held.countDown();
        return more;
    }
}
