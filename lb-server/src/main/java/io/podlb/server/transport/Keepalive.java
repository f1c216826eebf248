package io.podlb.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.List;

/** Probes that notice a peer that vanished without a word, after about two minutes. */
final class Keepalive {

    private record Option(int level, int number, int value) {}

    /** Numbers of Linux, the same on x86_64 and aarch64. */
    private static final List<Option> OPTIONS = List.of(
            new Option(1, 9, 1), // SOL_SOCKET, SO_KEEPALIVE
            new Option(6, 4, 60), // IPPROTO_TCP, TCP_KEEPIDLE
            new Option(6, 5, 15), // TCP_KEEPINTVL
            new Option(6, 6, 4)); // TCP_KEEPCNT

    private Keepalive() {}

    /**
     * Sets them on a native channel.
     *
     * @throws io.netty.channel.ChannelException if it is closed
     */
    static void set(Channel channel) {
        for (Option option : OPTIONS) {
            ChannelOption<Integer> name = new IntegerUnixChannelOption(
                    "podlb." + option.level + "." + option.number, option.level, option.number);
            channel.config().setOption(name, option.value);
        }
    }

    static void set(Socket socket) throws IOException {
        for (Option option : OPTIONS) {
            socket.setIntOpt(option.level, option.number, option.value);
        }
    }
}
