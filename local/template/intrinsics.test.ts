// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub is written like that
import { describe, expect, it } from 'vitest';
import { createResolver } from './intrinsics.ts';

const REFS: Record<string, string> = { Table: 'orders', 'AWS::Region': 'us-east-1' };

const resolve = createResolver({
  ref: (name) => REFS[name],
  attribute: (id, name) => (id === 'Table' && name === 'Arn' ? 'arn:orders' : undefined),
});

describe('intrinsic functions', () => {
  it.each([
    ['a plain value stays', 5, 5],
    ['Ref', { Ref: 'Table' }, 'orders'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:orders'],
    ['Fn::GetAtt as a text', { 'Fn::GetAtt': 'Table.Arn' }, 'arn:orders'],
    ['Fn::Join of nested functions', { 'Fn::Join': ['/', ['a', { Ref: 'Table' }]] }, 'a/orders'],
    ['Fn::Sub', { 'Fn::Sub': '${AWS::Region}/${Table.Arn}' }, 'us-east-1/arn:orders'],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${x}', { x: { Ref: 'Table' } }] }, 'orders'],
    ['Fn::Sub leaves an escaped one', { 'Fn::Sub': '${!Table}' }, '${Table}'],
    ['inside of lists and objects', { a: [{ b: { Ref: 'Table' } }] }, { a: [{ b: 'orders' }] }],
    ['AWS::NoValue removes a property', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    ['AWS::NoValue removes an item', [{ Ref: 'AWS::NoValue' }, 1], [1]],
  ])('resolves: %s', (_, value, expected) => {
    expect(resolve(value, 'here')).toEqual(expected);
  });

  it.each([
    ['an unknown function', { 'Fn::If': ['a', 'b', 'c'] }, /Fn::If is not supported/],
    ['an unknown name', { Ref: 'Nobody' }, /Ref of Nobody is not supported/],
    ['an unknown attribute', { 'Fn::GetAtt': ['Table', 'StreamArn'] }, /GetAtt of Table.StreamArn/],
    ['an unknown name in Fn::Sub', { 'Fn::Sub': '${Nobody}' }, /Fn::Sub of Nobody/],
    ['a malformed Fn::Join', { 'Fn::Join': ['/'] }, /Fn::Join needs/],
  ])('stops at %s and names the resource and the property', (_, value, message) => {
    const inside = () => resolve({ Variables: { URL: value } }, 'Fn (Type), property Environment');
    expect(inside).toThrow(message);
    expect(inside).toThrow('Fn (Type), property Environment.Variables.URL');
  });
});
