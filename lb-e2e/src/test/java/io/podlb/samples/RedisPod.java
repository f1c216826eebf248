package io.podlb.samples;

import io.podlb.kit.SocketHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * As much of a Redis server as a pool of clients needs: PING is answered with PONG, GET with the name of the Pod as a bulk
 * string, all else with OK. A command is an array of bulk strings of ASCII without line breaks.
 */
final class RedisPod implements SocketHandler {

    @Override
    public void handle(String pod, Socket client) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
        for (String array = in.readLine(); array != null; array = in.readLine()) {
            String command = "";
            int words = Integer.parseInt(array.substring(1));
            for (int i = 0; i < words; i++) {
                in.readLine(); // the length of the word
                String word = in.readLine();
                command = i == 0 ? word : command;
            }
            client.getOutputStream().write(answer(command, pod).getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String answer(String command, String pod) {
        return switch (command) {
            case "PING" -> "+PONG\r\n";
            case "GET" -> "$" + pod.length() + "\r\n" + pod + "\r\n";
            default -> "+OK\r\n";
        };
    }
}
