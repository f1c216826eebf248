package io.podlb.server.service;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Reading of IP addresses as text, without ever asking a name service. */
public final class InetAddresses {

    private InetAddresses() {}

    /**
     * The address that the text spells; an IPv4-mapped IPv6 address becomes IPv4, so that one host has one form
     * before any comparison.
     *
     * @throws IllegalArgumentException if it is no IP address, names and scope ids included
     */
    public static InetAddress parse(String text) {
        boolean literal = text.indexOf(':') >= 0
                ? text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128 || c == ':' || c == '.')
                : text.matches("(?:0|[1-9][0-9]{0,2})(?:\\.(?:0|[1-9][0-9]{0,2})){3}");
        if (literal) {
            try {
                return InetAddress.getByName(text);
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("\"" + text + "\" is no IP address", e);
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is no IP address");
    }

    static InetAddress ofBytes(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + bytes.length + " bytes (expected: 4 or 16)", e);
        }
    }
}
